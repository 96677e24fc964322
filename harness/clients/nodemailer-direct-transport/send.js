// Sends a message from standard input to the MX of the recipient's domain: send.js default HELO SENDER RECIPIENT
const fs = require('fs'), nodemailer = require('nodemailer'), direct = require('nodemailer-direct-transport')

const [, name, from, to] = process.argv.slice(2)
nodemailer.createTransport(direct({ name })).sendMail({ envelope: { from, to }, raw: fs.readFileSync(0) }, (error, info) => {
  console.error(error || info)
  process.exit(error || info.pending.length ? 1 : 0)
})
