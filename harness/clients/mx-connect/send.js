// Sends a message from standard input to the MX of a domain: send.js default DOMAIN PORT HELO SENDER RECIPIENT
const fs = require('fs'), mxConnect = require('mx-connect'), SMTPConnection = require('nodemailer/lib/smtp-connection')

const [, target, port, name, from, to] = process.argv.slice(2)
const fail = error => { console.error(error); process.exit(1) }
mxConnect({ target, port, maxConnectTime: 15000 }).then(mx => {
  const connection = new SMTPConnection({ connection: mx.socket, host: mx.hostname, name, secure: false, requireTLS: true, tls: { servername: mx.hostname } })
  connection.on('error', fail)
  connection.connect(() => connection.send({ from, to: [to] }, fs.readFileSync(0), error => {
    if (error) fail(error)
    connection.quit()
    process.exit(0)
  }))
}, fail)
