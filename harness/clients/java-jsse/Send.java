// Sends the message of standard input: Send https|ldaps|none|trust-all HOST PORT HELO SENDER RECIPIENT
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

public class Send {
  static void say(Socket socket, BufferedReader reader, String command, char want) throws IOException {
    if (command != null) socket.getOutputStream().write((command + "\r\n").getBytes());
    String line;
    do {
      line = reader.readLine();
      if (line == null) throw new IOException("the session ended");
    } while (line.length() > 3 && line.charAt(3) == '-');
    if (line.charAt(0) != want) throw new IOException(line);
  }

  static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream()));
  }

  static final TrustManager TRUST_ALL = new X509TrustManager() {
    public void checkClientTrusted(X509Certificate[] chain, String type) {}
    public void checkServerTrusted(X509Certificate[] chain, String type) {}
    public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
  };

  public static void main(String[] args) throws Exception {
    String mode = args[0], host = args[1], helo = args[3];
    int port = Integer.parseInt(args[2]);
    Socket plain = new Socket(host, port);
    plain.setSoTimeout(15000);
    BufferedReader reader = reader(plain);
    say(plain, reader, null, '2');
    say(plain, reader, "EHLO " + helo, '2');
    say(plain, reader, "STARTTLS", '2');
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, mode.equals("trust-all") ? new TrustManager[] {TRUST_ALL} : null, null);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
    if (mode.equals("https") || mode.equals("ldaps")) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm(mode.toUpperCase());
      socket.setSSLParameters(parameters);
    }
    socket.startHandshake();
    reader = reader(socket);
    say(socket, reader, "EHLO " + helo, '2');
    say(socket, reader, "MAIL FROM:<" + args[4] + ">", '2');
    say(socket, reader, "RCPT TO:<" + args[5] + ">", '2');
    say(socket, reader, "DATA", '3');
    say(socket, reader, new String(System.in.readAllBytes()).replace("\n", "\r\n") + ".", '2');
    say(socket, reader, "QUIT", '2');
  }
}
