package perdura.grids.spec;

/**
 * How much is read of a file that somebody else made. Each limit is far beyond what real files have, and keeps a hostile
 * one from taking memory or time without end; a variable of the environment sets another value.
 */
public enum ReadLimit {
    TABLE_BYTES(256L << 20, "bytes of a table (CSV), unpacked"),
    TABLE_ROWS(2_000_000, "rows of a table (CSV)"),
    TABLE_COLUMNS(4_096, "columns of a table (CSV)"),
    TABLE_FIELD_CHARACTERS(1 << 20, "characters of a field of a table (CSV)"),
    IMAGE_BYTES(128L << 20, "bytes of an image file (JPEG, DICOM), unpacked"),
    IMAGE_SAMPLES(100_000_000, "samples (pixels times colours) of an image"),
    IMAGE_SCANS(100, "scans of a progressive JPEG file"),
    IMAGE_WORK(2_000_000_000, "samples that the scans of a JPEG file decode together"),
    IMAGE_SECONDS(60, "seconds of processor time for the pixels of a JPEG file"),
    REPORT_BYTES(1 << 20, "bytes of a report, unpacked"),
    VOCABULARY_BYTES(16 << 20, "bytes of a vocabulary, or of a list of images"),
    ZIP_MEMBERS(4_000_000, "members of a zip file with a data set"),
    FOLDER_FILES(20_000_000, "files below the folder of a data set"),
    INGEST_DEATHS(5, "processes that may die over one step of an ingest"),
    SPEC_BYTES(2 << 20, "bytes of a spec or a flag (YAML, JSON)"),
    SPEC_LINE_CHARACTERS(1 << 18, "characters of a line of a spec (YAML, JSON)"),
    SPEC_DEPTH(50, "lists and mappings of a spec inside of one another"),
    CEL_CONSTRAINTS(100, "constraints of a sweep (CEL)"),
    CEL_CHARACTERS(2_000, "characters of a constraint (CEL)"),
    CEL_LOOPS(4, "macros like map and exists in a constraint (CEL)"),
    CEL_NESTED_LOOPS(2, "macros of a constraint (CEL) inside of one another"),
    CEL_MATCH_STEPS(10_000_000, "characters of a text, each as often as a regular expression (CEL) looks at it"),
    CEL_SECONDS(120, "seconds of all constraints of a sweep (CEL) for all points together"),
    SETTINGS_BYTES(1 << 18, "bytes of perdura.yaml"),
    CERTIFICATE_BYTES(16 << 20, "bytes of a certificate or key for Temporal (PEM)"),
    CONFIG_BYTES(1 << 20, "bytes of a config.json"),
    WEIGHT_TENSORS(50_000, "tensors of a file of weights"),
    WEIGHT_NAME_CHARACTERS(1_000, "characters of a tensor's name, or of a key"),
    WEIGHT_HEADER_BYTES(16 << 20, "bytes of a safetensors header, or of a zip's directory"),
    WEIGHT_VALUES(1_000_000, "values of a pickle"),
    WEIGHT_TEXT_BYTES(16 << 20, "bytes of all texts of a pickle"),
    WEIGHT_DEPTH(100, "values of a pickle inside of one another"),
    STORE_FILE_BYTES(8 << 20, "bytes of a manifest, a header, a report or a list of digests in the artifact store"),
    STORE_LINE_BYTES(32 << 20, "bytes of a line of an ingest's unfinished parts");

    private static final String BEFORE = "PERDURA_LIMIT_";

    private final long standard;
    private final String what;

    ReadLimit(long standard, String what) {
        this.standard = standard;
        this.what = what;
    }

    /** The value that holds where nothing else is set. */
    public long standard() {
        return standard;
    }

    /** What it counts, for people. */
    public String what() {
        return what;
    }

    /** The variable of the environment that sets it. */
    public String variable() {
        return BEFORE + name();
    }

    /**
     * The value that holds in this process.
     *
     * @throws PerduraException INVALID_SPEC if the variable is no whole number from 1 on
     */
    public long most() {
        String set = System.getenv(variable());
        return set == null || set.isBlank() ? standard : parse(set);
    }

    /** As {@link #most()}, for what an {@code int} counts. */
    public int mostInt() {
        return (int) Math.min(most(), Integer.MAX_VALUE - 8);
    }

    /** A value of the variable. */
    long parse(String set) {
        if (!set.strip().matches("[1-9][0-9]{0,17}")) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    variable() + " must be a whole number from 1 on (" + what + "), was '" + PlainText.shown(set)
                            + "'");
        }
        return Long.parseLong(set.strip());
    }

    /** Ends the message about what is over it. */
    public String told() {
        return "at most " + most() + " " + what + " are read (" + variable() + " sets another limit)";
    }
}
