# Worker (docs/workers.md): runs one Ruby program for one job after another, each in a fork that has LIBRARIES loaded:
# ruby -rLIBRARY... -r./worker.rb PROGRAM
# A child returns from this file and goes on to PROGRAM, as any interpreter does that was told to require a file.
token = ENV.delete('MXIDENT_WORKER')
jobs = $stdin.dup
cpu = -> { Process.times.then { |times| times.cutime + times.cstime } }
GC.start
$stdout.syswrite("\n#{token} ready 0 0\n")
loop do
  job = jobs.gets or exit
  before = cpu.call
  child = fork or begin
    jobs.close
    directory, *words = job.chomp.split("\t", -1)
    $stdin.reopen("#{directory}.in")
    Dir.chdir(directory)
    ENV['HOME'] = ENV['TMPDIR'] = directory
    ARGV.replace(words)
    break
  end
  status = Process.wait2(child)[1]
  how = status.signaled? ? "signal #{status.termsig}" : "exit #{status.exitstatus}"
  $stdout.syswrite("\n#{token} #{how} #{((cpu.call - before) * 1e6).round}\n")
end
