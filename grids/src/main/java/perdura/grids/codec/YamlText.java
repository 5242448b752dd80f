package perdura.grids.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;
import perdura.grids.input.RegularFile;
import perdura.grids.input.RegularFile.NotRegularException;
import perdura.grids.input.RegularFile.TooLargeException;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.ReadLimit;

/** Turns YAML (or JSON) text into nodes that know their places. Values stay texts: only their reader knows their types. */
public final class YamlText {
    private static final Set<Tag> PLAIN_TAGS =
            Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP, Tag.MERGE, Tag.MAP, Tag.SEQ);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Place start;
    private final Problems problems;
    private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private YamlText(Place start, Problems problems) {
        this.start = start;
        this.problems = problems;
    }

    /** Parses a document's text. What can't be parsed is a problem, and an empty mapping is returned. */
    public static SpecNode.Mapping parseDocument(Place start, String text, Problems problems) {
        SpecNode.Mapping nothing = new SpecNode.Mapping(start, Map.of());
        int faults = problems.count();
        SpecNode root = new YamlText(start, problems).parse(text);
        if (root instanceof SpecNode.Mapping mapping) {
            return mapping;
        }
        if (problems.count() == faults) {
            boolean isEmpty = root instanceof SpecNode.Scalar scalar && scalar.isNull();
            problems.add(
                    root,
                    "",
                    isEmpty
                            ? "the file is empty; a spec begins with 'apiVersion: perdura/v1'"
                            : "expected a mapping of keys to values, was " + root.kind());
        }
        return nothing;
    }

    /** The text of a spec's file. */
    public static String textOf(Path file) {
        String name = PlainText.line(file.toString());
        if (Files.isDirectory(file)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, name + ": is a folder; name the file with the spec in it");
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(RegularFile.read(file, ReadLimit.SPEC_BYTES));
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (NoSuchFileException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, name + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, name + ": is not text in UTF-8", e);
        } catch (NotRegularException | TooLargeException e) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, name + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, name + ": can't be read (" + RegularFile.reason(e) + ")", e);
        }
    }

    /** Defaults, which are a resource beside a class. */
    public static SpecNode.Mapping ofResource(Class<?> home, String name) {
        try (InputStream in = home.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the defaults " + name + " are not in the jar");
            }
            Problems problems = new Problems();
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            SpecNode.Mapping defaults = parseDocument(Place.start(Place.Origin.DEFAULTS, name), text, problems);
            problems.throwIfAny();
            return defaults;
        } catch (IOException e) {
            throw new IllegalStateException("the defaults " + name + " can't be read", e);
        }
    }

    /**
     * A JSON object that the store keeps.
     *
     * @param source what it is, for messages
     * @throws PerduraException INTERNAL if it is none
     */
    public static SpecNode.Mapping ofStored(String source, String json) {
        try {
            SpecNode node = SpecNode.ofJson(JSON.readTree(json), new Place(Place.Origin.FILE, source, 0, 0));
            if (node instanceof SpecNode.Mapping mapping) {
                return mapping;
            }
            throw new PerduraException(ErrorCode.INTERNAL, "the " + source + " is no JSON object but " + node.kind());
        } catch (JsonProcessingException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "the " + source + " is no JSON", e);
        }
    }

    /** Parses the value of a flag. */
    public static SpecNode parseFlag(String flag, String value, Problems problems) {
        return new YamlText(Place.flag(flag), problems).parse(value);
    }

    private SpecNode parse(String text) {
        if (text.length() > ReadLimit.SPEC_BYTES.most()) {
            problems.add(start, "", "is too long: " + ReadLimit.SPEC_BYTES.told());
            return new SpecNode.Scalar(start, "", false, true);
        }
        int longLine = findLongLine(text); // the library takes the square of its length
        if (longLine > 0) {
            problems.add(start.at(longLine, 1), "", "is too long: " + ReadLimit.SPEC_LINE_CHARACTERS.told());
            return new SpecNode.Scalar(start, "", false, true);
        }
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(ReadLimit.SPEC_DEPTH.mostInt());
        options.setCodePointLimit(ReadLimit.SPEC_BYTES.mostInt());
        options.setMaxAliasesForCollections(Integer.MAX_VALUE); // aliases are refused below, with their place
        SpecNode nothing = new SpecNode.Scalar(start, "", false, true);
        try {
            Node root = new Yaml(options).compose(new StringReader(text));
            return root == null ? nothing : node(root);
        } catch (MarkedYAMLException e) {
            problems.add(
                    place(e.getProblemMark(), start),
                    "",
                    "not YAML: " + (e.getContext() == null ? "" : e.getContext() + ", ") + e.getProblem());
        } catch (ReaderException e) {
            problems.add(
                    placeOf(text, e.getPosition()),
                    "",
                    String.format("not YAML: character U+%04X is not allowed", e.getCodePoint()));
        } catch (YAMLException e) {
            Place deep = findDeep(text, options);
            if (deep == null) {
                problems.add(start, "", "not YAML: " + e.getMessage());
            } else {
                problems.add(deep, "", "is nested too deeply: " + ReadLimit.SPEC_DEPTH.told());
            }
        }
        return nothing;
    }

    /** Where the first list or mapping begins that is inside of too many others; the library does not say. */
    private @Nullable Place findDeep(String text, LoaderOptions options) {
        int depth = 0;
        try {
            for (Event event : new Yaml(options).parse(new StringReader(text))) {
                depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
                if (depth > options.getNestingDepthLimit()) {
                    return place(event.getStartMark(), start);
                }
            }
        } catch (YAMLException e) {
            return null;
        }
        return null;
    }

    /** The first line that is too long, from 1; 0 if there is none. */
    private static int findLongLine(String text) {
        long most = ReadLimit.SPEC_LINE_CHARACTERS.most();
        int line = 1;
        int begin = 0;
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) == '\n') {
                line++;
                begin = at + 1;
            } else if (at - begin >= most) {
                return line;
            }
        }
        return 0;
    }

    private SpecNode node(Node node) {
        Place place = place(node.getStartMark(), start);
        if (!PLAIN_TAGS.contains(node.getTag())) {
            problems.add(place, "", "the tag " + node.getTag() + " is not supported; write a plain value");
        }
        if (node instanceof ScalarNode scalar) {
            return new SpecNode.Scalar(
                    place,
                    scalar.getValue(),
                    scalar.getScalarStyle() != DumperOptions.ScalarStyle.PLAIN,
                    scalar.getTag().equals(Tag.NULL));
        }
        if (!seen.add(node)) {
            problems.add(place, "", "an alias of a list or mapping is not supported; write it out");
            return new SpecNode.Scalar(place, "", false, true);
        }
        if (node instanceof SequenceNode sequence) {
            List<SpecNode> items = new ArrayList<>();
            sequence.getValue().forEach(item -> items.add(node(item)));
            return new SpecNode.Sequence(place, items);
        }
        return mapping((MappingNode) node, place);
    }

    private SpecNode mapping(MappingNode node, Place place) {
        Map<String, SpecNode.Mapping.Entry> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            Place keyPlace = place(tuple.getKeyNode().getStartMark(), place);
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.add(keyPlace, "", "a key must be a word");
                continue;
            }
            SpecNode.Mapping.Entry earlier = entries.putIfAbsent(
                    key.getValue(), new SpecNode.Mapping.Entry(keyPlace, node(tuple.getValueNode())));
            if (earlier != null) {
                problems.add(
                        keyPlace, key.getValue(), "the key comes twice, first at " + earlier.keyPlace() + "; keep one");
            }
        }
        return new SpecNode.Mapping(place, entries);
    }

    private Place place(@Nullable Mark mark, Place otherwise) {
        return mark == null ? otherwise : start.at(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private Place placeOf(String text, int index) {
        String before = text.substring(0, Math.min(index, text.length()));
        int line = (int) before.chars().filter(c -> c == '\n').count();
        return start.at(line + 1, before.length() - before.lastIndexOf('\n'));
    }
}
