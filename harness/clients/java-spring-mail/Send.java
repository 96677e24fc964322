// Sends a message: Send default|starttls-enable|check-server-identity HOST PORT HELO SENDER RECIPIENT
import java.util.Properties;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mail.javamail.JavaMailSenderImpl;

public class Send {
  public static void main(String[] args) {
    String mode = args[0];
    JavaMailSenderImpl sender = new JavaMailSenderImpl();
    sender.setHost(args[1]);
    sender.setPort(Integer.parseInt(args[2]));
    Properties properties = new Properties();
    properties.put("mail.smtp.localhost", args[3]);
    properties.put("mail.smtp.timeout", "15000");
    if (mode.equals("starttls-enable")) properties.put("mail.smtp.starttls.enable", "true");
    if (mode.equals("check-server-identity")) {
      properties.put("mail.smtp.starttls.required", "true");
      properties.put("mail.smtp.ssl.checkserveridentity", "true");
    }
    sender.setJavaMailProperties(properties);
    SimpleMailMessage message = new SimpleMailMessage();
    message.setFrom(args[4]);
    message.setTo(args[5]);
    message.setSubject("mxident");
    message.setText("A message of the mxident test harness.");
    sender.send(message);
  }
}
