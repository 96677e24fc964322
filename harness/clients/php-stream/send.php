<?php
// Sends a message from standard input over STARTTLS as the report of 2012 did it:
// send.php default|peer-name|cn-match|verify-peer-off|verify-off NAME HOST PORT HELO SENDER RECIPIENT
[, $mode, $name, $host, $port, $helo, $sender, $recipient] = $argv;

$fh = stream_socket_client("tcp://$host:$port", $errno, $error, 15) or exit(1);
stream_set_timeout($fh, 15);

function say($fh, ?string $command, string $want): void
{
    if ($command !== null) fwrite($fh, "$command\r\n");
    do {
        $line = fgets($fh, 4096);
        if ($line === false) exit(2);
    } while (strlen($line) > 3 && $line[3] === '-');
    if ($line[0] !== $want) {
        fwrite(STDERR, "unexpected reply: $line");
        exit(3);
    }
}

say($fh, null, '2');
say($fh, "EHLO $helo", '2');
say($fh, 'STARTTLS', '2');
if ($mode === 'peer-name') stream_context_set_option($fh, 'ssl', 'peer_name', $name);
if ($mode === 'cn-match') stream_context_set_option($fh, 'ssl', 'CN_match', $name);
if (str_starts_with($mode, 'verify')) stream_context_set_option($fh, 'ssl', 'verify_peer', false);
if ($mode === 'verify-off') stream_context_set_option($fh, 'ssl', 'verify_peer_name', false);
if (!stream_socket_enable_crypto($fh, true, STREAM_CRYPTO_METHOD_TLS_CLIENT)) exit(4);
say($fh, "EHLO $helo", '2');
say($fh, "MAIL FROM:<$sender>", '2');
say($fh, "RCPT TO:<$recipient>", '2');
say($fh, 'DATA', '3');
say($fh, stream_get_contents(STDIN) . "\r\n.", '2');
say($fh, 'QUIT', '2');
