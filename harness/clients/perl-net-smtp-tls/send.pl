# Sends a message from standard input: send.pl default|no-tls HOST PORT HELO SENDER RECIPIENT
use strict;
use warnings;
use Net::SMTP::TLS;

my ($mode, $host, $port, $helo, $sender, $recipient) = @ARGV;
my $mailer = Net::SMTP::TLS->new($host, Hello => $helo, Port => $port, Timeout => 15, NoTLS => $mode eq 'no-tls');
$mailer->mail($sender);
$mailer->to($recipient);
$mailer->data;
$mailer->datasend($_) while <STDIN>;
$mailer->dataend;
$mailer->quit;
