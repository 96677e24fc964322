<?php
// Sends a message from standard input: send.php default|tls|verify-peer|no-tls HOST PORT HELO SENDER RECIPIENT
require_once 'Horde/Autoloader/Default.php';

[, $mode, $host, $port, $helo, $sender, $recipient] = $argv;
$options = [
    'default' => [],
    'tls' => ['secure' => 'tls'],
    'verify-peer' => ['secure' => 'tls', 'context' => ['ssl' => ['verify_peer' => true, 'verify_peer_name' => true]]],
    'no-tls' => ['secure' => false],
][$mode];
$smtp = new Horde_Smtp(['host' => $host, 'port' => (int) $port, 'localhost' => $helo, 'timeout' => 15] + $options);
$smtp->send($sender, [$recipient], stream_get_contents(STDIN));
$smtp->logout();
