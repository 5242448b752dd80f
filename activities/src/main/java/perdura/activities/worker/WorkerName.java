package perdura.activities.worker;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** How the store and the log name a process of a worker. */
final class WorkerName {
    private WorkerName() {}

    /** Several workers of a host have a slot 0 each: the process of the supervisor, which has started this one, tells them apart. */
    static String ofSlot(int slot) {
        ProcessHandle own = ProcessHandle.current();
        long supervisor = own.parent().map(ProcessHandle::pid).orElse(0L);
        return host() + "/worker-" + supervisor + "/slot-" + slot + "/" + own.pid();
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
