package perdura.training.data;

/** How closely the images of a data set are looked at when it is read. */
public enum ImageCheck {
    /** Frame markers and digests: finds missing, foreign and truncated files. */
    FRAME,
    /** Also decodes every image: finds damage between the markers. */
    DECODE
}
