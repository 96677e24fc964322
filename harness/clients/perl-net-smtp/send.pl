# Sends a message from standard input:
# send.pl default|scheme-www|scheme-none|verify-none|verifycn-name|no-tls HOST PORT HELO SENDER RECIPIENT [ADDRESS] [implicit]
use strict;
use warnings;
use Net::SMTP;
use IO::Socket::SSL qw(SSL_VERIFY_NONE);

my ($mode, $host, $port, $helo, $sender, $recipient, $address, $way) = @ARGV;
my %options = (
    'default'       => [],
    'scheme-www'    => [SSL_verifycn_scheme => 'www'],
    'scheme-none'   => [SSL_verifycn_scheme => 'none'],
    'verify-none'   => [SSL_verify_mode => SSL_VERIFY_NONE],
    'verifycn-name' => [SSL_verifycn_name => $host, SSL_hostname => $host],
);
my $smtp = Net::SMTP->new($mode eq 'verifycn-name' ? $address : $host, Port => $port, Hello => $helo, Timeout => 15,
    $way ? (SSL => 1, @{ $options{$mode} }) : ())
    or die "connection: $@\n";
unless ($mode eq 'no-tls' || $way) {
    $smtp->starttls(@{ $options{$mode} }) or die $smtp->message, " $IO::Socket::SSL::SSL_ERROR\n";
}
$smtp->mail($sender)   or die $smtp->message;
$smtp->to($recipient)  or die $smtp->message;
$smtp->data(<STDIN>)   or die $smtp->message;
$smtp->quit;
