package perdura.datasets.ingest;

import perdura.datasets.source.FileStamp;

/**
 * A file that a part was made from, or that it missed, and by what a change of it would show.
 *
 * @param kept whether it is an image that the part keeps; these come in the order of the part's images
 */
record StampLine(String path, boolean kept, FileStamp stamp) {
    /** Of a file that is not there. */
    static final FileStamp MISSING = new FileStamp(-1, 0);
}
