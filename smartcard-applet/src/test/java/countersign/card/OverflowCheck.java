package countersign.card;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.BasicInterpreter;
import org.objectweb.asm.tree.analysis.BasicValue;

/**
 * Finds where a result that may not fit a short is used before it is cast to one. Java computes in
 * int; a card without int computes in short, and its converter refuses whatever would differ: a sum
 * may be cast, added to or masked, but not compared, divided, shifted right, or used as an index.
 */
final class OverflowCheck extends BasicInterpreter {
  /** May need more than 16 bits. The low 16 are right. */
  private static final BasicValue WIDE =
      new BasicValue(Type.INT_TYPE) {
        @Override
        public boolean equals(Object other) {
          return this == other;
        }

        @Override
        public int hashCode() {
          return System.identityHashCode(this);
        }
      };

  private final List<String> faults = new ArrayList<>();
  private String where;

  private OverflowCheck() {
    super(Opcodes.ASM9);
  }

  static List<String> faults(byte[] classFile) throws AnalyzerException {
    ClassNode type = new ClassNode();
    new ClassReader(classFile).accept(type, 0);
    OverflowCheck check = new OverflowCheck();
    for (MethodNode method : type.methods) {
      check.where = type.name + "." + method.name;
      new Analyzer<>(check).analyze(type.name, method);
    }
    return check.faults;
  }

  @Override
  public BasicValue unaryOperation(AbstractInsnNode instruction, BasicValue value)
      throws AnalyzerException {
    switch (instruction.getOpcode()) {
      case Opcodes.I2B, Opcodes.I2S -> {}
      case Opcodes.INEG, Opcodes.IINC -> {
        return WIDE;
      }
      default -> requireShort(value, "is compared, chosen by, or a size");
    }
    return super.unaryOperation(instruction, value);
  }

  @Override
  public BasicValue binaryOperation(AbstractInsnNode instruction, BasicValue a, BasicValue b)
      throws AnalyzerException {
    switch (instruction.getOpcode()) {
      case Opcodes.IADD, Opcodes.ISUB, Opcodes.IMUL, Opcodes.ISHL -> {
        return WIDE;
      }
      case Opcodes.IAND, Opcodes.IOR, Opcodes.IXOR -> {
        return a == WIDE || b == WIDE ? WIDE : BasicValue.INT_VALUE;
      }
      default -> {
        requireShort(a, "is compared, divided or shifted right");
        requireShort(b, "is compared, a divisor, a distance or an index");
      }
    }
    return super.binaryOperation(instruction, a, b);
  }

  @Override
  public BasicValue ternaryOperation(
      AbstractInsnNode instruction, BasicValue array, BasicValue index, BasicValue value)
      throws AnalyzerException {
    requireShort(index, "is an index");
    requireShort(value, "is stored");
    return super.ternaryOperation(instruction, array, index, value);
  }

  @Override
  public BasicValue naryOperation(
      AbstractInsnNode instruction, List<? extends BasicValue> arguments)
      throws AnalyzerException {
    arguments.forEach(argument -> requireShort(argument, "is an argument"));
    return super.naryOperation(instruction, arguments);
  }

  @Override
  public BasicValue copyOperation(AbstractInsnNode instruction, BasicValue value)
      throws AnalyzerException {
    if (instruction.getOpcode() == Opcodes.ISTORE) {
      requireShort(value, "is kept");
    }
    return value;
  }

  @Override
  public void returnOperation(
      AbstractInsnNode instruction, BasicValue value, BasicValue expected) {
    requireShort(value, "is returned");
  }

  @Override
  public BasicValue merge(BasicValue a, BasicValue b) {
    return a == WIDE || b == WIDE ? WIDE : super.merge(a, b);
  }

  private void requireShort(BasicValue value, String use) {
    if (value == WIDE) {
      faults.add(where + ": what may not fit a short " + use);
    }
  }
}
