// Logs an error that goes out by mail: Send default|starttls HOST PORT HELO SENDER RECIPIENT
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.net.SMTPAppender;
import ch.qos.logback.core.util.StatusPrinter;

public class Send {
  public static void main(String[] args) {
    LoggerContext context = new LoggerContext();
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern("%msg%n");
    layout.start();
    SMTPAppender appender = new SMTPAppender();
    appender.setContext(context);
    appender.setSMTPHost(args[1]);
    appender.setSMTPPort(Integer.parseInt(args[2]));
    appender.setLocalhost(args[3]);
    appender.setFrom(args[4]);
    appender.addTo(args[5]);
    appender.setSubject("mxident");
    appender.setLayout(layout);
    appender.setAsynchronousSending(false);
    appender.setSTARTTLS(args[0].equals("starttls"));
    appender.start();
    Logger logger = context.getLogger("mxident");
    logger.addAppender(appender);
    logger.error("A message of the mxident test harness.");
    StatusPrinter.print(context);
    context.stop();
  }
}
