// Worker (docs/workers.md): runs Send.main in this process for one job after another: java ... Worker
// What a fresh machine would not have is taken away after each job: sockets, TLS sessions, looked-up addresses.
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketImpl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

public class Worker {
  private static final List<SocketImpl> sockets = Collections.synchronizedList(new ArrayList<>());

  private static <T extends AccessibleObject> T open(T member) {
    member.setAccessible(true);
    return member;
  }

  /** Has Socket make what it makes without a factory, and remembers it. */
  @SuppressWarnings("deprecation")  // there is no newer way
  private static void watchSockets() throws Exception {
    Method platform = open(SocketImpl.class.getDeclaredMethod("createPlatformSocketImpl", boolean.class));
    Constructor<?> socks = open(Class.forName("java.net.SocksSocketImpl").getDeclaredConstructor(SocketImpl.class));
    Socket.setSocketImplFactory(() -> {
      try {
        SocketImpl socket = (SocketImpl) socks.newInstance(platform.invoke(null, false));
        sockets.add(socket);
        return socket;
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private static void forget() throws Exception {
    Method close = open(SocketImpl.class.getDeclaredMethod("close"));
    for (SocketImpl socket : sockets) close.invoke(socket);
    sockets.clear();
    SSLSessionContext sessions = SSLContext.getDefault().getClientSessionContext();
    for (byte[] id : Collections.list(sessions.getIds())) {
      SSLSession session = sessions.getSession(id);
      if (session != null) session.invalidate();
    }
    ((Map<?, ?>) open(InetAddress.class.getDeclaredField("cache")).get(null)).clear();
    ((Collection<?>) open(InetAddress.class.getDeclaredField("expirySet")).get(null)).clear();
    open(InetAddress.class.getDeclaredField("cachedLocalHost")).set(null, null);
  }

  /** Leaves this class's and the thread's frames out of what is printed. */
  private static void trim(Throwable error) {
    if (error == null) return;
    StackTraceElement[] trace = error.getStackTrace();
    int length = trace.length;
    while (length > 0 && !trace[length - 1].getClassName().equals("Send")) length--;
    error.setStackTrace(Arrays.copyOf(trace, length));
    trim(error.getCause());
    for (Throwable suppressed : error.getSuppressed()) trim(suppressed);
  }

  private static int run(String directory, String[] words) throws Exception {
    int[] exit = {0};
    Thread main = new Thread(() -> {
      try {
        Send.main(words);
      } catch (Throwable error) {
        trim(error);
        System.err.print("Exception in thread \"main\" ");
        error.printStackTrace();
        exit[0] = 1;
      }
    }, "main");
    try (InputStream in = new FileInputStream(directory + ".in")) {
      System.setIn(in);
      main.start();
      main.join();
    }
    return exit[0];
  }

  private static long cpuMicroseconds() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1000;
  }

  public static void main(String[] args) throws Exception {
    String token = System.getenv("MXIDENT_WORKER");
    BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in));
    PrintStream out = System.out, err = System.err;
    watchSockets();
    forget();
    out.write(("\n" + token + " ready 0 0\n").getBytes());
    out.flush();
    for (String job; (job = jobs.readLine()) != null;) {
      String[] words = job.split("\t", -1);
      long before = cpuMicroseconds();
      int exit = run(words[0], Arrays.copyOfRange(words, 1, words.length));
      forget();
      System.out.flush();
      System.err.flush();
      System.setOut(out);
      System.setErr(err);
      out.write(("\n" + token + " exit " + exit + " " + (cpuMicroseconds() - before) + "\n").getBytes());
      out.flush();
    }
  }
}
