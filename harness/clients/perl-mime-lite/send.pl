# Sends a message: send.pl default HOST PORT HELO SENDER RECIPIENT
use strict;
use warnings;
use MIME::Lite;

my ($mode, $host, $port, $helo, $sender, $recipient) = @ARGV;
my $message = MIME::Lite->new(From => $sender, To => $recipient, Subject => 'mxident', Data => "A message of the mxident test harness.\n");
$message->send('smtp', $host, Port => $port, Hello => $helo, Timeout => 15);
