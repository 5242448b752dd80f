package perdura.grids.spec;

/**
 * Something worth telling about a run once, however often the steps that found it are executed or find it again.
 *
 * @param kind upper-case word with underscores, for instance GLOBAL_LOSS_AT_CHANCE
 * @param once what it is told once of, for instance {@code stage 2}; not blank
 * @param detail a sentence for people; that of the first time stays
 */
public record OnceEvent(String kind, String once, String detail) {
    public OnceEvent {
        if (once.isBlank()) {
            throw new IllegalArgumentException("an event of kind " + kind + " must say what it is told once of");
        }
    }
}
