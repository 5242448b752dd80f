package perdura.grids.spec;

/** How a report of too many tokens is cut. */
public enum Overlong {
    /** Its last tokens go, and [SEP] stays at the end. */
    KEEP_SEP,
    /** All behind the last position goes, [SEP] too. */
    LOSE_SEP
}
