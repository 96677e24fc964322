// Sends the message of standard input: Send default|endpoint-checking|accept-all HOST PORT HELO SENDER RECIPIENT
import java.io.IOException;
import java.io.Writer;
import org.apache.commons.net.smtp.AuthenticatingSMTPClient;
import org.apache.commons.net.util.TrustManagerUtils;

public class Send {
  static void check(boolean done, AuthenticatingSMTPClient client) throws IOException {
    if (!done) throw new IOException(client.getReplyString());
  }

  public static void main(String[] args) throws Exception {
    String mode = args[0];
    AuthenticatingSMTPClient client = new AuthenticatingSMTPClient();
    client.setDefaultTimeout(15000);
    if (mode.equals("accept-all")) client.setTrustManager(TrustManagerUtils.getAcceptAllTrustManager());
    if (mode.equals("endpoint-checking")) client.setEndpointCheckingEnabled(true);
    client.connect(args[1], Integer.parseInt(args[2]));
    check(client.elogin(args[3]), client);
    check(client.execTLS(), client);
    check(client.elogin(args[3]), client);
    check(client.setSender(args[4]), client);
    check(client.addRecipient(args[5]), client);
    Writer writer = client.sendMessageData();
    if (writer == null) throw new IOException(client.getReplyString());
    writer.write(new String(System.in.readAllBytes()));
    writer.close();
    check(client.completePendingCommand(), client);
    client.logout();
  }
}
