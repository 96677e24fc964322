// Sends a message from standard input: send.js default|require-tls|no-authorization HOST PORT HELO SENDER RECIPIENT
const fs = require('fs'), SMTPConnection = require('smtp-connection')

const [mode, host, port, name, from, to] = process.argv.slice(2)
const options = {
  'default': {},
  'require-tls': { requireTLS: true },
  'no-authorization': { tls: { rejectUnauthorized: false } },
}[mode]
const fail = error => { console.error(error); process.exit(1) }
const connection = new SMTPConnection({ host, port, name, secure: false, connectionTimeout: 15000, ...options })
connection.on('error', fail)
connection.connect(() => connection.send({ from, to: [to] }, fs.readFileSync(0), error => {
  if (error) fail(error)
  connection.quit()
}))
