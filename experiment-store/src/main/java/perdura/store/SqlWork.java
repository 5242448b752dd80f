package perdura.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Statements that belong together. May run several times: it must leave no trace outside its connection. */
@FunctionalInterface
public interface SqlWork<T> {
    T run(Connection connection) throws SQLException;
}
