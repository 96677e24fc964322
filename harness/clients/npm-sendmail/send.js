// Sends a message to the MX of the recipient's domain: send.js default SENDER RECIPIENT
const sendmail = require('sendmail')()

const [, from, to] = process.argv.slice(2)
sendmail({ from, to, subject: 'mxident', content: 'A message of the mxident test harness.' }, error => {
  if (error) console.error(error)
  process.exit(error ? 1 : 0)
})
