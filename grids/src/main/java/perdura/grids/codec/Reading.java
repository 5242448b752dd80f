package perdura.grids.codec;

import java.nio.file.Path;

/**
 * Where in a document a value is read.
 *
 * @param path of the value, for instance {@code model.dim}; empty for the whole document
 * @param home where to report what is missing here
 * @param problems hear of every fault
 * @param names what the document may name
 * @param folder where relative paths in the document begin
 * @param workingFolder where relative paths of flags begin
 */
public record Reading(
        String path, Place home, Problems problems, ReferenceNames names, Path folder, Path workingFolder) {
    /** The whole of a document, which names no paths. */
    public static Reading of(SpecNode document, Problems problems, ReferenceNames names) {
        Path root = Path.of("/");
        return new Reading("", document.place(), problems, names, root, root);
    }

    /** The value of a key here. */
    public Reading below(String key) {
        return at(path.isEmpty() ? key : path + "." + key, home);
    }

    /** An item of the list here. */
    public Reading item(int index) {
        return at(path + "[" + index + "]", home);
    }

    /** Here, in a mapping; what it lacks is reported where the user wrote it, or where the user would have. */
    Reading in(SpecNode.Mapping mapping) {
        return mapping.place().origin() == Place.Origin.DEFAULTS ? this : at(path, mapping.place());
    }

    private Reading at(String otherPath, Place otherHome) {
        return new Reading(otherPath, otherHome, problems, names, folder, workingFolder);
    }

    /** Tells what is wrong with a value. */
    public void fault(SpecNode node, String fault) {
        problems.add(node, path, fault);
    }

    /** Tells that a value is not what it should be. */
    public void expected(SpecNode node, String what) {
        problems.expected(node, path, what);
    }

    /** Tells that nothing stands here. */
    void missing(String expected) {
        problems.add(home, path, "is missing; expected " + expected);
    }
}
