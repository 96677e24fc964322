<?php
// Worker (docs/workers.md): runs one PHP program for one job after another, each in a fork that has FILES and CLASSES
// loaded: sh -c 'unset PWD; exec "$@" 3<&0 </dev/null' sh php -d auto_prepend_file=worker.php PROGRAM FILE.php|CLASS...
// Jobs come on descriptor 3: the stream STDIN is made before this file runs, and would not read files if it were a socket.
// A child returns from this file and goes on to PROGRAM, as any interpreter does that was told to prepend a file.
(static function (string $program, string ...$preloads): void {
    $token = getenv('MXIDENT_WORKER');
    putenv('MXIDENT_WORKER');
    unset($_SERVER['MXIDENT_WORKER']);
    foreach ($preloads as $preload) str_ends_with($preload, '.php') ? require_once $preload : class_exists($preload);
    $libc = FFI::cdef('int open(const char *, int); int close(int); long lseek(int, long, int);');
    $jobs = fopen('php://fd/3', 'r');
    stream_set_timeout($jobs, PHP_INT_MAX >> 32);  // a socket's reads end after a minute else
    fwrite(STDOUT, "\n$token ready 0 0\n");
    while (($job = fgets($jobs)) !== false) {
        $child = pcntl_fork();
        if ($child === 0) {
            fclose($jobs);
            $libc->close(3);
            [$directory, $words] = explode("\t", rtrim($job, "\n"), 2) + [1 => null];
            $GLOBALS['argv'] = $_SERVER['argv'] = [$program, ...($words === null ? [] : explode("\t", $words))];
            $GLOBALS['argc'] = $_SERVER['argc'] = count($GLOBALS['argv']);
            $libc->close(0);
            $libc->open("$directory.in", 0);  // as descriptor 0
            chdir($directory);
            foreach (['HOME', 'TMPDIR'] as $name) putenv($name . '=' . ($_SERVER[$name] = $directory));
            // PHP holds PROGRAM open and shares the place in it with all children, each of which reads it to its end.
            foreach (glob('/proc/self/fd/*') as $fd) {
                if (@readlink($fd) === realpath($program)) $libc->lseek((int) basename($fd), 0, SEEK_SET);
            }
            return;
        }
        pcntl_waitpid($child, $status, 0, $usage);
        [$how, $number] = pcntl_wifsignaled($status) ? ['signal', pcntl_wtermsig($status)] : ['exit', pcntl_wexitstatus($status)];
        $cpu = ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1000000
            + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec'];
        fwrite(STDOUT, "\n$token $how $number $cpu\n");
    }
    exit(0);
})(...$argv);
