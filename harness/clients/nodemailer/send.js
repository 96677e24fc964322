// Sends a message from standard input:
// send.js default|require-tls|no-authorization|ignore-tls|servername HOST PORT HELO SENDER RECIPIENT [ADDRESS] [implicit]
const fs = require('fs'), nodemailer = require('nodemailer')

const [mode, host, port, name, from, to, address, way] = process.argv.slice(2)
const options = {
  'default': {},
  'require-tls': { requireTLS: true },
  'no-authorization': { tls: { rejectUnauthorized: false } },
  'ignore-tls': { ignoreTLS: true },
  'servername': { host: address, requireTLS: true, tls: { servername: host } },
}[mode]
// The servers are on the loopback interface, the only one that there is.
const allowInternalNetworkInterfaces = true
const transport = nodemailer.createTransport(
  { host, port, name, secure: way === 'implicit', connectionTimeout: 15000, allowInternalNetworkInterfaces, ...options })
transport.sendMail({ envelope: { from, to }, raw: fs.readFileSync(0) }).then(
  () => process.exit(0),
  error => { console.error(error); process.exit(1) })
