package perdura.grids.read;

import static perdura.grids.codec.Codecs.text;
import static perdura.grids.codec.Codecs.wholeOr;
import static perdura.grids.codec.Field.field;

import perdura.grids.codec.Codec;
import perdura.grids.codec.RecordCodec;
import perdura.grids.spec.ResourceSpec;

/** What specs of all kinds declare alike. */
final class SharedFields {
    static final String API_VERSION = "perdura/v1";

    /** Beyond any real count; keeps products of sizes within an int. */
    static final int GREATEST_SIZE = 1 << 20;

    static final Codec<String> NAME = text("[a-z][a-z0-9-]{0,59}", "a letter and then at most 59 of a-z, 0-9 and '-'");
    static final Codec<String> EXPERIMENT = text("\\P{Cntrl}{1,200}", "1 to 200 characters without control characters");

    static final RecordCodec<ResourceSpec> RESOURCES = RecordCodec.of(
            ResourceSpec.class,
            field("device", text("auto|cpu|cuda:[0-9]{1,3}", "auto, cpu or cuda:N"))
                    .means("`auto`, `cpu` or `cuda:N`"),
            field("threads", wholeOr("auto", 0, 1, 1024))
                    .means(
                            "intra-op threads, or `auto`: the cores of the machine of the first attempt, then bound to the run"));

    private SharedFields() {}
}
