# Sends a message from standard input: send.pl default|verifycn-name|verify-none HOST PORT HELO SENDER RECIPIENT
use strict;
use warnings;
use Net::SMTPS;

my ($mode, $host, $port, $helo, $sender, $recipient) = @ARGV;
my %options = (
    'default'       => [],
    'verifycn-name' => [SSL_verifycn_scheme => 'smtp', SSL_verifycn_name => $host],
    'verify-none'   => [SSL_verify_mode => 0],
);
my $smtp = Net::SMTPS->new($host, Port => $port, doSSL => 'starttls', Hello => $helo, Timeout => 15, @{ $options{$mode} })
    or die "no session: ", IO::Socket::SSL::errstr() // '', "\n";
$smtp->mail($sender)  or die $smtp->message;
$smtp->to($recipient) or die $smtp->message;
$smtp->data(<STDIN>)  or die $smtp->message;
$smtp->quit;
