<?php
// Sends a message from standard input: send.php default|starttls|no-verification HOST PORT HELO SENDER RECIPIENT
require_once 'Net/SMTP.php';

[, $mode, $host, $port, $helo, $sender, $recipient] = $argv;

function check($result): void
{
    if (PEAR::isError($result)) exit($result->getMessage() . "\n");
    if ($result === false) exit("STARTTLS is not offered\n");
}

$options = $mode === 'no-verification' ? ['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]] : null;
$smtp = new Net_SMTP($host, $port, $helo, false, 15, $options);
check($smtp->connect(15));
if ($mode !== 'default') check($smtp->starttls());
check($smtp->mailFrom($sender));
check($smtp->rcptTo($recipient));
check($smtp->data(stream_get_contents(STDIN)));
$smtp->disconnect();
