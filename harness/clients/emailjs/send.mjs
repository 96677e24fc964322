// Sends a message: send.mjs PACKAGE_DIR default|tls|tls-ca HOST PORT HELO SENDER RECIPIENT CA_FILE
import fs from 'fs'

const [package_dir, mode, host, port, domain, from, to, ca] = process.argv.slice(2)
const { SMTPClient } = await import(package_dir + '/dist/index.js')
const tls = { 'default': false, 'tls': true, 'tls-ca': { ca: [fs.readFileSync(ca)] } }[mode]
const client = new SMTPClient({ host, port: Number(port), domain, tls, timeout: 15000 })
client.send({ from, to, subject: 'mxident', text: 'A message of the mxident test harness.' }, error => {
  if (error) console.error(error)
  process.exit(error ? 1 : 0)
})
