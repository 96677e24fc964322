// Sends a message: Send default|enable|required|check-server-identity|trust-all HOST PORT HELO SENDER RECIPIENT
import java.util.Properties;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;

public class Send {
  public static void main(String[] args) throws Exception {
    String mode = args[0];
    Properties properties = new Properties();
    properties.put("mail.smtp.host", args[1]);
    properties.put("mail.smtp.port", args[2]);
    properties.put("mail.smtp.localhost", args[3]);
    properties.put("mail.smtp.from", args[4]);
    properties.put("mail.smtp.timeout", "15000");
    if (!mode.equals("default")) properties.put("mail.smtp.starttls.enable", "true");
    if (!mode.equals("enable")) properties.put("mail.smtp.starttls.required", String.valueOf(!mode.equals("default")));
    if (mode.equals("check-server-identity")) properties.put("mail.smtp.ssl.checkserveridentity", "true");
    if (mode.equals("trust-all")) properties.put("mail.smtp.ssl.trust", "*");
    MimeMessage message = new MimeMessage(Session.getInstance(properties));
    message.setFrom(new InternetAddress(args[4]));
    message.setRecipient(Message.RecipientType.TO, new InternetAddress(args[5]));
    message.setSubject("mxident");
    message.setText("A message of the mxident test harness.");
    Transport.send(message);
  }
}
