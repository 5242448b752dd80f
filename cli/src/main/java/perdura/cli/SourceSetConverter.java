package perdura.cli;

import java.util.Arrays;
import java.util.stream.Collectors;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.SourceSet;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the word of a data set: {@code mimic-cxr}. */
final class SourceSetConverter implements ITypeConverter<SourceSet> {
    @Override
    public SourceSet convert(String word) {
        return SourceSet.ofWord(word).orElseThrow(() -> {
            var words = Arrays.stream(SourceSet.values()).map(SourceSet::word).toList();
            return new TypeConversionException("'" + word + "' is no known data set; known are "
                    + words.stream().collect(Collectors.joining(", ")) + Nearest.suggestion(word, words));
        });
    }
}
