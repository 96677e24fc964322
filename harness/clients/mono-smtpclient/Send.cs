// Sends a message: Send default|enable-ssl|accept-all HOST PORT HELO SENDER RECIPIENT
using System;
using System.Net;
using System.Net.Mail;

class Send {
  internal static int Main(string[] args) {
    string mode = args[0];
    if (mode == "accept-all") ServicePointManager.ServerCertificateValidationCallback = (a, b, c, d) => true;
    var client = new SmtpClient(args[1], int.Parse(args[2])) { EnableSsl = mode != "default", Timeout = 15000 };
    try {
      client.Send(args[4], args[5], "mxident", "A message of the mxident test harness.");
      return 0;
    } catch (Exception error) {
      Console.Error.WriteLine(error);
      return 1;
    }
  }
}
