package perdura.grids.spec;

import org.jspecify.annotations.Nullable;

/** The one exception of Perdura. Its code, never its text, decides what happens next. */
public final class PerduraException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /**
     * @param message names the place, the value and what would be right; never a line of a report. Control characters in
     *     it are told, not kept, and what is very long is cut
     */
    public PerduraException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public PerduraException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(PlainText.message(message), cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
