// Logs an error that goes out by mail: Send default|starttls-enable|check-server-identity HOST PORT HELO SENDER RECIPIENT
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.appender.SmtpAppender;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;

public class Send {
  public static void main(String[] args) {
    String mode = args[0];
    // Log4j hands the system's properties to the mail session: they are set anew each time.
    System.setProperty("mail.smtp.localhost", args[3]);
    System.setProperty("mail.smtp.timeout", "15000");
    System.setProperty("mail.smtp.starttls.enable", String.valueOf(!mode.equals("default")));
    System.setProperty("mail.smtp.starttls.required", String.valueOf(mode.equals("check-server-identity")));
    System.setProperty("mail.smtp.ssl.checkserveridentity", String.valueOf(mode.equals("check-server-identity")));
    SmtpAppender appender = SmtpAppender.newBuilder().setName("mail").setConfiguration(new DefaultConfiguration())
        .setSmtpHost(args[1]).setSmtpPort(Integer.parseInt(args[2])).setFrom(args[4]).setTo(args[5])
        .setSubject("mxident").setIgnoreExceptions(false).build();
    appender.start();
    try {
      appender.append(Log4jLogEvent.newBuilder().setLoggerName("mxident").setLevel(Level.ERROR)
          .setMessage(new SimpleMessage("A message of the mxident test harness.")).build());
    } finally {
      appender.stop();
    }
  }
}
