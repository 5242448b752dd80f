package perdura.store;

/**
 * Where Postgres is. {@link #toString} hides the password.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
 */
public record DatabaseConfig(String jdbcUrl, String user, String password) {
    @Override
    public String toString() {
        return "DatabaseConfig[" + jdbcUrl + ", " + user + ", ***]";
    }
}
