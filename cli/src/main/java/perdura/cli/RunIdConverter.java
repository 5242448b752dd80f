package perdura.cli;

import perdura.grids.spec.RunId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads run ids. */
final class RunIdConverter implements ITypeConverter<RunId> {
    @Override
    public RunId convert(String text) {
        try {
            return new RunId(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
