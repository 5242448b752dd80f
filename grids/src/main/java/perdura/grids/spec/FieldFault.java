package perdura.grids.spec;

/** Thrown by a record whose components do not fit together: names the one to change, so that its reader can tell its place. */
public final class FieldFault extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final String otherKey;

    /**
     * @param key the component that is wrong
     * @param otherKey the one that it does not fit
     */
    public FieldFault(String key, String otherKey, String message) {
        super(message);
        this.key = key;
        this.otherKey = otherKey;
    }

    public String key() {
        return key;
    }

    public String otherKey() {
        return otherKey;
    }
}
