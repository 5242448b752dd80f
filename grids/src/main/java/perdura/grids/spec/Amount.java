package perdura.grids.spec;

/** How many there are of something, as people write it: {@code 1 trial}, {@code 12 trials}. */
public final class Amount {
    private Amount() {}

    /** @param one what one of them is called, a noun whose plural ends in s */
    public static String of(long number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }
}
