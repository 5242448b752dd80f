package perdura.cli.doctor;

/**
 * What is found about one part.
 *
 * @param finding what is the case
 * @param remedy what to do, or empty
 */
public record Diagnosis(String part, Grade grade, String finding, String remedy) {
    /** How bad it is. */
    public enum Grade {
        GOOD,
        /** Works, but is worth knowing. */
        NOTE,
        BROKEN
    }

    static Diagnosis good(String part, String finding) {
        return new Diagnosis(part, Grade.GOOD, finding, "");
    }

    static Diagnosis note(String part, String finding, String remedy) {
        return new Diagnosis(part, Grade.NOTE, finding, remedy);
    }

    static Diagnosis broken(String part, String finding, String remedy) {
        return new Diagnosis(part, Grade.BROKEN, finding, remedy);
    }
}
