# Sends a message from standard input: send.pl default|starttls|maybestarttls|verify-none HOST PORT HELO SENDER RECIPIENT
use strict;
use warnings;
use Email::Sender::Simple qw(sendmail);
use Email::Sender::Transport::SMTP;

my ($mode, $host, $port, $helo, $sender, $recipient) = @ARGV;
my %options = (
    'default'       => {},
    'starttls'      => { ssl => 'starttls' },
    'maybestarttls' => { ssl => 'maybestarttls' },
    'verify-none'   => { ssl => 'starttls', ssl_options => { SSL_verify_mode => 0 } },
);
my $transport = Email::Sender::Transport::SMTP->new({ host => $host, port => $port, helo => $helo, timeout => 15, %{ $options{$mode} } });
sendmail(join('', <STDIN>), { transport => $transport, from => $sender, to => [$recipient] });
