// Sends a message: Send default|enable|required|check-server-identity|trust-all|trust-host HOST PORT HELO SENDER RECIPIENT [implicit]
import java.util.Properties;
import javax.mail.Message;
import javax.mail.Session;
import javax.mail.Transport;
import javax.mail.internet.InternetAddress;
import javax.mail.internet.MimeMessage;

public class Send {
  public static void main(String[] args) throws Exception {
    if (args.length < 6) {
      System.out.println(Session.class.getPackage().getImplementationVersion());
      return;
    }
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
    if (mode.equals("trust-host")) properties.put("mail.smtp.ssl.trust", args[1]);
    if (args.length > 6) properties.put("mail.smtp.ssl.enable", "true");
    MimeMessage message = new MimeMessage(Session.getInstance(properties));
    message.setFrom(new InternetAddress(args[4]));
    message.setRecipient(Message.RecipientType.TO, new InternetAddress(args[5]));
    message.setSubject("mxident");
    message.setText("A message of the mxident test harness.");
    Transport.send(message);
  }
}
