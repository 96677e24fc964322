// Worker (docs/workers.md): runs Send.Main in this process for one job after another: mono worker.exe
// What a fresh runtime would not have is taken away after each job: sockets, and the callback that accepts certificates.
// An application domain for each job would be cleaner, and twice as slow as a process: it compiles everything again.
// HOME stays as it is: Mono looks once where its certificates are.
using System;
using System.IO;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

class Worker {
  [DllImport("libc")] static extern int dup2(int from, int to);
  [DllImport("libc")] static extern int open(string path, int flags);
  [DllImport("libc")] static extern int close(int fd);
  [DllImport("libc")] static extern int getsockname(int fd, byte[] address, ref int length);
  [DllImport("libc")] static extern long clock();  // CPU time of this process in microseconds

  static readonly Stream output = Console.OpenStandardOutput();

  /// Closes what is behind every descriptor of an internet socket. The number stays taken: its owner may yet close it.
  static void CloseSockets() {
    int nothing = open("/dev/null", 0);
    foreach (string path in Directory.GetFiles("/proc/self/fd")) {
      int fd = int.Parse(Path.GetFileName(path)), length = 2;
      var family = new byte[length];
      if (getsockname(fd, family, ref length) == 0 && (family[0] == 2 || family[0] == 10)) dup2(nothing, fd);
    }
    close(nothing);
  }

  static void Tell(string what) {
    byte[] line = Encoding.ASCII.GetBytes("\n" + what + "\n");
    output.Write(line, 0, line.Length);
    output.Flush();
  }

  static int Run(string[] words) {
    try {
      return Send.Main(words);
    } catch (Exception error) {
      Console.Error.WriteLine("\nUnhandled Exception:\n" + error);
      return 1;
    }
  }

  static void Main() {
    string token = Environment.GetEnvironmentVariable("MXIDENT_WORKER");
    Environment.SetEnvironmentVariable("MXIDENT_WORKER", null);
    TextReader jobs = Console.In;
    Tell(token + " ready 0 0");
    for (string job; (job = jobs.ReadLine()) != null;) {
      string[] fields = job.Split('\t');
      var words = new string[fields.Length - 1];
      Array.Copy(fields, 1, words, 0, words.Length);
      Directory.SetCurrentDirectory(fields[0]);
      Environment.SetEnvironmentVariable("TMPDIR", fields[0]);
      long before = clock();
      int exit;
      using (var input = new StreamReader(fields[0] + ".in")) {
        Console.SetIn(input);
        exit = Run(words);
      }
      CloseSockets();
      ServicePointManager.ServerCertificateValidationCallback = null;
      Console.Out.Flush();
      Console.Error.Flush();
      Tell(token + " exit " + (exit & 255) + " " + (clock() - before));
    }
  }
}
