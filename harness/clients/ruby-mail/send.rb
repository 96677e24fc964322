# Sends a message from standard input: send.rb default|enable-starttls|verify-none HOST PORT HELO SENDER RECIPIENT
require 'mail'

mode, host, port, helo, sender, recipient = ARGV
options = { 'default' => {}, 'enable-starttls' => { enable_starttls: true },
            'verify-none' => { openssl_verify_mode: 'none' } }[mode]
Mail.defaults { delivery_method :smtp, { address: host, port: port.to_i, domain: helo }.merge(options) }
mail = Mail.new($stdin.read)
mail.smtp_envelope_from = sender
mail.smtp_envelope_to = recipient
mail.deliver!
