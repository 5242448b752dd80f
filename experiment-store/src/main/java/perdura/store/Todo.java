package perdura.store;

/** Marks what is not built yet; goes with the first real store. */
public final class Todo {
    private Todo() {}

    public static RuntimeException stub() {
        return new UnsupportedOperationException();
    }
}
