package perdura.activities.worker;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** How the store and the log name a process of a worker. */
final class WorkerName {
    private WorkerName() {}

    static String ofSlot(int slot) {
        return host() + "/slot-" + slot + "/" + ProcessHandle.current().pid();
    }

    static String ofSupervisor() {
        return host() + "/supervisor/" + ProcessHandle.current().pid();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
