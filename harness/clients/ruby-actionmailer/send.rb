# Sends a message: send.rb default|enable-starttls|verify-none HOST PORT HELO SENDER RECIPIENT
require 'action_mailer'

class Notifier < ActionMailer::Base
  def note(from, to)
    mail(from: from, to: to, subject: 'mxident', body: 'A message of the mxident test harness.')
  end
end

mode, host, port, helo, sender, recipient = ARGV
options = { 'default' => {}, 'enable-starttls' => { enable_starttls: true },
            'verify-none' => { openssl_verify_mode: 'none' } }[mode]
ActionMailer::Base.smtp_settings = { address: host, port: port.to_i, domain: helo }.merge(options)
Notifier.note(sender, recipient).deliver_now
