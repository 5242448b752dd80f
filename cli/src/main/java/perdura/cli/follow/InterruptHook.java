package perdura.cli.follow;

/** What a command does when it is interrupted while it follows something. */
public final class InterruptHook {
    private InterruptHook() {}

    /** Follows to an end. */
    public interface Followed<T> {
        T follow() throws InterruptedException;
    }

    /**
     * Follows something to its end.
     *
     * @param onInterrupt run if the process ends meanwhile
     */
    public static <T> T follow(Runnable onInterrupt, Followed<T> followed) throws InterruptedException {
        Thread hook = new Thread(onInterrupt);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return followed.follow();
        } finally {
            forget(hook);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process ends already, and the hook has run.
            Thread.currentThread().interrupt();
        }
    }
}
