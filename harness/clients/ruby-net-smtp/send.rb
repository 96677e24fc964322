# Sends a message from standard input:
# send.rb default|starttls|bare-context|tls-verify-false|tls-hostname|disable-starttls HOST PORT HELO SENDER RECIPIENT [ADDRESS]
require 'net/smtp'

mode, host, port, helo, sender, recipient, address = ARGV
smtp = case mode
       when 'starttls' then Net::SMTP.new(host, port, starttls: :always)
       when 'tls-verify-false' then Net::SMTP.new(host, port, tls_verify: false)
       when 'tls-hostname' then Net::SMTP.new(address, port, starttls: :always, tls_hostname: host)
       else Net::SMTP.new(host, port)
       end
smtp.enable_starttls(OpenSSL::SSL::SSLContext.new) if mode == 'bare-context'
smtp.disable_starttls if mode == 'disable-starttls'
smtp.start(helo: helo) { |session| session.send_message($stdin.read, sender, recipient) }
