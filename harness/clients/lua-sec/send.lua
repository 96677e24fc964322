-- Sends the message of standard input: send.lua verify-peer|verify-none HOST PORT HELO SENDER RECIPIENT CAFILE
local socket, ssl = require("socket"), require("ssl")

local mode, host, port, helo, sender, recipient, cafile = table.unpack(arg)
local connection = assert(socket.connect(host, port))
connection:settimeout(15)

local function command(line, wanted)
  if line then assert(connection:send(line .. "\r\n")) end
  repeat
    local reply = assert(connection:receive())
    assert(reply:sub(1, 1) == wanted, reply)
  until reply:sub(4, 4) ~= "-"
end

command(nil, "2")
command("EHLO " .. helo, "2")
command("STARTTLS", "2")
local verify = mode == "verify-peer" and { "peer", "fail_if_no_peer_cert" } or "none"
connection = assert(ssl.wrap(connection, { mode = "client", protocol = "any", cafile = cafile, verify = verify, options = "all" }))
connection:sni(host)
assert(connection:dohandshake())
command("EHLO " .. helo, "2")
command("MAIL FROM:<" .. sender .. ">", "2")
command("RCPT TO:<" .. recipient .. ">", "2")
command("DATA", "3")
command(io.read("a") .. "\r\n.", "2")
command("QUIT", "2")
