package perdura.store;

/** Table store: which store this is. */
public record StoreIdentity(Database database) {
    private static final String SELECT_ID = "SELECT store_id::text FROM store";

    /** A UUID that was drawn when the schema was made. */
    public String load() {
        return database.one(String.class, SELECT_ID);
    }
}
