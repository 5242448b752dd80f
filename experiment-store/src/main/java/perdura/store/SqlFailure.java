package perdura.store;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/** The only place where errors of Postgres become ours: by SQLSTATE and by where it happened. */
final class SqlFailure {
    /** Raised by {@code hold_fence}. */
    private static final String STALE_FENCE = "PD001";

    private static final String NO_SUCH_RUN = "PD002";
    private static final String IDLE_TOO_LONG_IN_TRANSACTION = "25P03";
    private static final String READ_ONLY = "25006"; // a standby, in the middle of a fail-over
    private static final String IDLE_TOO_LONG = "57P05";
    private static final String NO_SUCH_DATABASE = "3D000";

    private SqlFailure() {}

    /** As {@link #beforeCommit(SQLException)}. */
    static PerduraException beforeCommit(JdbiException e) {
        SQLException sql = sql(e);
        return sql == null
                ? new PerduraException(ErrorCode.INTERNAL, "a row of the store can't be read: " + e.getMessage(), e)
                : beforeCommit(sql);
    }

    /** As {@link #inCommit(SQLException)}. */
    static PerduraException inCommit(JdbiException e) {
        SQLException sql = sql(e);
        return sql == null ? beforeCommit(e) : inCommit(sql);
    }

    /** What the driver or the pool threw. */
    private static @Nullable SQLException sql(JdbiException e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }

    /** An error before COMMIT was sent: nothing of the transaction is in the store. */
    static PerduraException beforeCommit(SQLException e) {
        String state = state(e);
        if (state.equals(STALE_FENCE)) {
            return failure(ErrorCode.FENCED, "refused by the store", e);
        }
        if (state.equals(NO_SUCH_RUN)) {
            return failure(ErrorCode.NOT_FOUND, "refused by the store", e);
        }
        if (state.startsWith("28") || state.equals(NO_SUCH_DATABASE)) {
            return failure(ErrorCode.INVALID_SPEC, "Postgres declines the connection settings", e);
        }
        if (isConnectionLost(e, state) || isWorthRepeating(state)) {
            return failure(ErrorCode.STORE_UNAVAILABLE, "Postgres can't be reached or gave up", e);
        }
        return failure(ErrorCode.INTERNAL, "Postgres refuses a statement", e);
    }

    /** An error of COMMIT itself: if the connection was lost, both outcomes are possible. */
    static PerduraException inCommit(SQLException e) {
        if (isConnectionLost(e, state(e))) {
            return failure(ErrorCode.COMMIT_UNKNOWN, "the connection to Postgres broke while committing", e);
        }
        return beforeCommit(e);
    }

    /**
     * Whether another connection may do what this one can't: it leads to a standby, for instance of a server that was the primary one, or
     * to a server that stops, starts, or has no room.
     */
    static boolean leavesConnectionUseless(SQLException e) {
        String state = state(e);
        return state.equals(READ_ONLY) || state.startsWith("57P") || state.startsWith("53") || state.startsWith("08");
    }

    private static boolean isConnectionLost(SQLException e, String state) {
        return state.startsWith("08") // connection exception
                || state.startsWith("57P") // the server stops, starts, or ends the session
                || state.equals(IDLE_TOO_LONG_IN_TRANSACTION)
                || e instanceof SQLTransientConnectionException // the pool has no connection
                || e.getCause() instanceof InterruptedException;
    }

    /** Serialisation failures and deadlocks, cancelled statements, full disks, too many connections. */
    private static boolean isWorthRepeating(String state) {
        return state.startsWith("40")
                || state.startsWith("53")
                || state.startsWith("55P03")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.equals(READ_ONLY)
                || state.equals(IDLE_TOO_LONG);
    }

    /** The SQLSTATE, also where the pool wraps the driver's exception; empty if there is none. */
    private static String state(SQLException e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    private static PerduraException failure(ErrorCode code, String what, SQLException e) {
        return new PerduraException(code, what + " (SQLSTATE " + state(e) + "): " + firstLine(e), e);
    }

    /** Postgres tells the values of a row in the lines that follow the first. */
    private static String firstLine(SQLException e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(message);
    }
}
