// Sends a message: Send default|starttls-enabled|starttls-required|check-server-identity HOST PORT HELO SENDER RECIPIENT
import org.apache.commons.mail.Email;
import org.apache.commons.mail.SimpleEmail;

public class Send {
  public static void main(String[] args) throws Exception {
    String mode = args[0];
    Email email = new SimpleEmail();
    email.setHostName(args[1]);
    email.setSmtpPort(Integer.parseInt(args[2]));
    email.setSocketConnectionTimeout(15000);
    email.setSocketTimeout(15000);
    if (mode.equals("starttls-enabled")) email.setStartTLSEnabled(true);
    if (mode.equals("starttls-required") || mode.equals("check-server-identity")) {
      email.setStartTLSEnabled(true);
      email.setStartTLSRequired(true);
    }
    if (mode.equals("check-server-identity")) email.setSSLCheckServerIdentity(true);
    email.setFrom(args[4]);
    email.addTo(args[5]);
    email.setSubject("mxident");
    email.setMsg("A message of the mxident test harness.");
    email.send();
  }
}
