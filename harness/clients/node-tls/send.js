// Sends a message from standard input over a socket of its own:
// send.js servername|host|no-name|no-authorization HOST PORT HELO SENDER RECIPIENT [ADDRESS]
const fs = require('fs'), net = require('net'), tls = require('tls')

const [mode, host, port, helo, sender, recipient, address] = process.argv.slice(2)
const message = fs.readFileSync(0, 'utf8').replace(/\n/g, '\r\n')
const servername = net.isIP(host) ? undefined : host
const options = {
  'servername': { host, servername },
  'host': { host },
  'no-name': {},
  'no-authorization': { host, servername, rejectUnauthorized: false },
  'dial-address': { host, servername },
}[mode]

// Sends each command when the reply to the one before is complete and begins with what it waits for.
function converse(socket, steps, done) {
  let text = ''
  socket.on('data', function read(chunk) {
    text += chunk
    if (!/^\d{3} .*\r\n$/m.test(text)) return
    const [want, next] = steps.shift()
    if (!text.startsWith(want)) return fail('unexpected reply: ' + text)
    text = ''
    if (next !== undefined) return socket.write(next + '\r\n')
    socket.removeListener('data', read)
    done()
  })
}

function fail(error) {
  console.error(error)
  process.exit(1)
}

const socket = net.connect(port, mode === 'dial-address' ? address : host)
socket.on('error', fail).on('end', () => fail('the server ended the session')).setTimeout(15000, () => fail('timeout'))
converse(socket, [['2', 'EHLO ' + helo], ['2', 'STARTTLS'], ['2']], () => {
  const secure = tls.connect({ socket, ...options }, () => {
    converse(secure, [['2', 'MAIL FROM:<' + sender + '>'], ['2', 'RCPT TO:<' + recipient + '>'], ['2', 'DATA'],
      ['3', message + '\r\n.'], ['2', 'QUIT'], ['2']], () => process.exit(0))
    secure.write('EHLO ' + helo + '\r\n')
  })
  secure.on('error', fail)
})
