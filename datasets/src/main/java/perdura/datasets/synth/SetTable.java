package perdura.datasets.synth;

/**
 * A file of a data set to which every patient adds rows.
 *
 * @param path below the data set's folder, with slashes
 * @param header its first line with the line's end, or empty
 */
record SetTable(String path, String header, Packing packing) {
    /** How the file is kept. */
    enum Packing {
        PLAIN,
        GZIP
    }
}
