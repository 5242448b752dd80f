package perdura.grids.read;

import static perdura.grids.codec.Codecs.orNull;
import static perdura.grids.codec.Codecs.path;
import static perdura.grids.codec.Codecs.whole;
import static perdura.grids.codec.Codecs.wholeLong;
import static perdura.grids.codec.Field.field;
import static perdura.grids.codec.Field.part;

import perdura.grids.codec.Problems;
import perdura.grids.codec.Reading;
import perdura.grids.codec.RecordCodec;
import perdura.grids.codec.ReferenceNames;
import perdura.grids.codec.SpecNode;
import perdura.grids.codec.YamlText;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.IngestSpec;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.PerduraException;

/** An {@link IngestSpec} as JSON, as the store keeps it. */
public final class IngestSpecJson {
    private static final RecordCodec<IngestSpec> CODEC = RecordCodec.of(
            IngestSpec.class,
            field("set").means("what the files are"),
            field("root", path()).means("folder or zip file"),
            field("profile").means("whose rules hold"),
            field("imageSize", whole(8, 8192)).means("side of the images, pixels"),
            field("vocabulary", orNull(path())).means("for sets with reports"),
            field("minSentences", whole(1, SharedFields.GREATEST_SIZE)).means("for sets with reports"),
            field("sections").means("which are read"),
            field("list", orNull(path())).means("of a 5x200 set; null to sample one"),
            part(
                    "sampling",
                    RecordCodec.of(
                            IngestSpec.Sampling.class,
                            field("seed", wholeLong(-ParameterType.Whole.GREATEST, ParameterType.Whole.GREATEST))
                                    .means("of the sampling"),
                            field("perClass", whole(1, SharedFields.GREATEST_SIZE))
                                    .means("images of each class"))),
            field("strict").means("whether a single fault ends the ingest"),
            field("verify").means("whether every file is read anew"));

    private IngestSpecJson() {}

    public static String write(IngestSpec spec) {
        return CanonicalJson.write(CODEC.write(spec));
    }

    /** @throws PerduraException INTERNAL for what {@link #write} did not write */
    public static IngestSpec read(String text) {
        SpecNode.Mapping stored = YamlText.ofStored("stored ingest", text);
        return stored(stored, CODEC);
    }

    /** Reads what the store keeps: a fault in it is none of a user. */
    static <R extends Record> R stored(SpecNode.Mapping document, RecordCodec<R> codec) {
        Problems problems = new Problems();
        try {
            R read = codec.read(document, Reading.of(document, problems, ReferenceNames.unchecked()));
            problems.throwIfAny();
            return read;
        } catch (RuntimeException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "the store holds what can't be read: " + e.getMessage(), e);
        }
    }
}
